/** What every answer of the dashboard tells a browser: run our own files only, and nothing that came with data. */
import { SECURITY_HEADERS } from '../../runtime/http/listen.ts';

/** Where a browser says that it kept the page from doing something. */
export const CSP_REPORT_PATH = '/api/v1/csp-report';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  // `report-to` besides would make browsers gather reports for a minute.
  `report-uri ${CSP_REPORT_PATH}`,
];

export const DASHBOARD_HEADERS: Readonly<Record<string, string>> = {
  ...SECURITY_HEADERS,
  'Content-Security-Policy': POLICY.join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
};
