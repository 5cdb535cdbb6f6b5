// @ts-check
// The build would otherwise call home.
process.env['NEXT_TELEMETRY_DISABLED'] = '1';

/** @type {import('next').NextConfig} */
const config = { poweredByHeader: false };

export default config;
