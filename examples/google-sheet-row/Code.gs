// The other side of this example: a Google Apps Script web app that appends one row per new user.
//
// Paste it into the script of a spreadsheet, add the script property KEY (32 characters or more, random), and deploy it
// as a web app that runs as you and that anyone can reach. The Action's secret SHEET_URL is the web app's URL, with
// `?key=` and the key behind it: a script sees neither headers nor statuses, so the key is in the URL.
//
// Whatever goes wrong here must be thrown: Google then answers 200 with a page of its own, where a row that is written
// is answered with 302, and the Action can tell one from the other.

function doPost(e) {
  const key = PropertiesService.getScriptProperties().getProperty('KEY');
  if (!key || key.length < 32 || e.parameter.key !== key) throw new Error('the key is not the one that is set here');
  const user = JSON.parse(e.postData.contents);
  if (typeof user.id !== 'string' || user.id === '') throw new Error('the user has no id');

  // A request may come twice, and two at a time: the same user is one row.
  const lock = LockService.getScriptLock();
  lock.waitLock(5000);
  try {
    const sheet = SpreadsheetApp.getActiveSpreadsheet().getSheets()[0];
    const known = sheet.getRange('A:A').createTextFinder(user.id).matchCase(true).matchEntireCell(true).findNext();
    if (!known) sheet.appendRow([user.id, user.email, user.name, user.createdAt].map(cell));
    SpreadsheetApp.flush();
  } finally {
    lock.releaseLock();
  }
  return ContentService.createTextOutput('done');
}

// People choose their names, and a cell that begins like a formula would be one.
function cell(value) {
  const text = value === undefined || value === null ? '' : String(value);
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}
