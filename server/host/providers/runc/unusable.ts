/** What makes a host unable to run sandboxes at all, as an error. */

/** This host cannot run sandboxes as they have to be; the message says why and what to do. */
export class Unusable extends Error {}
