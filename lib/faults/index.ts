export { explainXid, type XidEntry, xidCatalogue } from './xid.ts';
