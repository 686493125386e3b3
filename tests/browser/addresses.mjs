// The portal's table of addresses, and what an address tells of its page.

import { readFileSync } from 'node:fs';

const ROUTES = readFileSync(new URL('../../src/http/routes.rs', import.meta.url), 'utf8');

/** The languages of every page of patrons. */
export const LANGUAGES = ['ja', 'ja-simple', 'en'];

/** How the title of a page begins on which something is wrong. */
export const FAULTY = /^(エラー：|Error: )/;

/** Addresses of buttons that answer with the page on which they stand. */
const SAME_PAGE = /(?<=\/email)\/again$|(?<=\/sign-in\/pass)key$|\/decision(\/(confirm|change))?$|\/(hold|proof|memo|opinion|opinion\/answer|take-over|reopen)$|\/certificate-number$|(?<=\/correction)\/(confirm|change)$|(?<=\/patrons\/[^/]+)\/(stop|release|blocks|blocks\/lift)$/;

/** The path patterns that answer this method, in the order in which the portal tries them. */
function patterns(verb) {
  return [...ROUTES.matchAll(new RegExp(`^\\s+${verb}\\s+"([^"]+)"`, 'gm'))].map(([, pattern]) => ({
    pattern,
    matches: new RegExp(`^${pattern.replace(/\{\w+:\.\*\}/g, '.*').replace(/\{\w+\}/g, '[^/]+')}$`),
  }));
}

/** Those that answer GET. */
export const PATTERNS = patterns('Get');
const POSTED = patterns('Post');

/** The language that an address names, in its path or behind it; pages without one are Japanese. */
export function languageOf({ pathname, searchParams }) {
  return pathname.split('/').find((part) => [...LANGUAGES, 'zh-Hans', 'ko', 'vi', 'pt'].includes(part)) ?? searchParams.get('lang') ?? 'ja';
}

export function patternOf(path) {
  return [...PATTERNS, ...POSTED].find(({ matches }) => matches.test(path))?.pattern ?? path;
}

/** The pattern of the page that is shown there: some buttons have addresses of their own and answer with their page. */
export function pageOf(path) {
  return patternOf(path).replace(SAME_PAGE, (end) => ({ '/again': '/code', key: 'word' })[end] ?? '');
}
