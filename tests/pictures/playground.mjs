// tests/pictures/: those of the playground.
import { choose, openPlayground, putCursor, settled, type } from '../playground/browser.mjs';

/** A system that the page does not know, and a name that is nearly right. */
const CONFIG = `{
  "syncs": [
    { "use": "cleeng" },
    {
      "name": "shop",
      "request": {
        "url": "https://shop.example.com/users",
        "body": { "mail": "lower(user.email)", "phone": "user.phone" }
      },
      "response": {
        "idToken": { "https://shop.example.com/plan": "plan.name" }
      },
      "onFailure": { "unavailable": "allow" }
    }
  ]
}
`;
const HOST = 'shop.example.com';

/** @param {import('./pictures.mjs').Shot} shot */
export async function make(shot) {
  const playground = await openPlayground('pictures');
  try {
    const light = (await playground.open({ deviceScaleFactor: 1.5, viewport: { width: 1280, height: 720 } })).page;
    await light.click('#tab-tokens');
    await light.mouse.move(0, 0);
    await shot('playground-light', light.screenshot());

    const dark = (
      await playground.open({ deviceScaleFactor: 1.5, viewport: { width: 1280, height: 720 }, colorScheme: 'dark' })
    ).page;
    await choose(dark, 'logins', '10');
    await choose(dark, 'who', 'others');
    await choose(dark, 'apart', '50');
    await choose(dark, 'does-identity.api.prod.cleeng.com', '503');
    await dark.locator('.logins tbody button').nth(3).click();
    await dark.locator('.logins tbody tr').nth(7).scrollIntoViewIfNeeded();
    await dark.mouse.move(0, 0);
    await shot('playground-dark', dark.screenshot());

    const own = (await playground.open({ deviceScaleFactor: 1.5, viewport: { width: 1280, height: 720 } })).page;
    await type(own, 'config', CONFIG);
    await settled(own);
    await choose(own, `does-${HOST}`, 'answers');
    await own
      .locator(`[data-host="${HOST}"] [data-field="body"]`)
      .fill('{ "plan": { "name": "gold", "until": "2027-01-31" } }');
    await settled(own);
    await own.click('#tab-tokens');
    await shot('playground-systems', own.screenshot());

    const phone = (await playground.open({ deviceScaleFactor: 2, viewport: { width: 390, height: 780 } })).page;
    await type(phone, 'config', CONFIG);
    await settled(phone);
    await putCursor(phone, 'user.phone');
    await phone.locator('#why .because').waitFor();
    await phone.evaluate('scrollTo(0, 0)');
    await shot('playground-phone', phone.screenshot());
  } finally {
    await playground.close();
  }
}
