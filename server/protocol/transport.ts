/** How the contract travels: what both ends of a connection must agree on beside the messages. */

/** Raised whenever an old page could misunderstand a new server. */
export const PROTOCOL_VERSION = 2

/** Header in which the web process names the learner to the host process; a browser's own is never passed on. */
export const OWNER_HEADER = 'x-lab-owner'
/** Header in which the web process tells the host process the learner's address (IPv6: the /64), for limits; may be empty. */
export const ADDRESS_HEADER = 'x-lab-address'
/** Header in which the host process answers with the version of the contract that it speaks. */
export const VERSION_HEADER = 'x-lab-protocol'
/** Header in which the host process tells what the operator should know, as words of HOST_NOTES with commas between. */
export const NOTES_HEADER = 'x-lab-notes'
export const HOST_NOTES = ['draining', 'disk'] as const
export type HostNote = (typeof HOST_NOTES)[number]
/** Path of the browser's WebSocket. */
export const SOCKET_PATH = '/api/socket'
/** A larger message closes the connection. JSON may write a character of a file as six. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024
/** GET: the learner's files as a tar.gz; POST: such a file, to be unpacked in their sandbox. */
export const WORK_PATH = '/api/work'
/** Of an upload, and of what a download holds before compression. */
export const MAX_WORK_BYTES = 64 * 1024 * 1024
/** Of a terminal's name. */
export const MAX_NAME_LENGTH = 40
