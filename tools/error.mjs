// tools/: the one kind of error that its message explains.

/** One line for the user, and no stack. */
export class UserError extends Error {
  /** @param {string} message @param {string} [output] what the failed program printed */
  constructor(message, output = '') {
    super(message);
    this.output = output;
  }
}
