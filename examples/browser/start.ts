/**
 * A page that learns to read digits: `npm run browser`, and open the address that it prints.
 *
 * Options: --port N (8000).
 */
import { parseArgs } from 'node:util';
import { serve } from './server.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8000' } } });
const { address } = await serve(Number(values.port));
console.log(`Handwritten digits, learnt in the page: ${address}`);
