/** Working folders; their last parts are projects. Names of objects' own members must be names like others. */
export const FOLDERS = [
  '/home/ann/work/shop',
  '/home/ann/work/__proto__',
  '/srv/constructor/',
  '/home/ann/项目/结算',
  'C:\\Users\\Ann\\work\\ledger',
  '/Users/ann/my notes',
] as const;
