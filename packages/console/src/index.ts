export type { ConsolePorts } from './calls.ts';
export { CONSOLE_PATH, type ConsoleRequest, type ConsoleResponse, createConsole } from './console.ts';
