/** How the contract travels: what both ends of a connection must agree on beside the messages. */

/** Header in which the web process names the learner to the host process; a browser's own is never passed on. */
export const OWNER_HEADER = 'x-lab-owner'
/** Path of the browser's WebSocket. */
export const SOCKET_PATH = '/api/socket'
/** A larger message closes the connection. JSON may write a character of a file as six. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024
