/** Something outside of the program that whoever runs it can mend: told by its message, without a stack. */
export abstract class OperatorError extends Error {}
