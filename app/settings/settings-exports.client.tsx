'use client';
import type {
  AuditPage,
  InvitationView,
  SessionView,
  TokenView,
  UserView,
} from '../../lib/hub/people-views.ts';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { type CsvColumn, timeOf, toCsv } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import type { AuditFilter } from './audit-filter.ts';

const sessionColumns: readonly CsvColumn<SessionView>[] = [
  { header: 'User', value: ({ userName }) => userName },
  { header: 'Signed in by', value: ({ how }) => how },
  { header: 'From', value: ({ peer }) => peer },
  { header: 'Browser', value: ({ userAgent }) => userAgent },
  { header: 'Began (UTC)', value: ({ createdAt }) => timeOf(createdAt) },
  { header: 'Last used (UTC)', value: ({ lastSeenAt }) => timeOf(lastSeenAt) },
  { header: 'Expires (UTC)', value: ({ expiresAt }) => timeOf(expiresAt) },
];

interface SessionsExportProps {
  readonly sessions: readonly SessionView[];
  readonly of: 'own' | 'everyone';
}

export function SessionsExport({ sessions, of }: SessionsExportProps) {
  return (
    <ExportMenu
      isSmall
      name={of === 'own' ? 'own sessions' : 'sessions'}
      csv={() => toCsv(sessionColumns, sessions)}
      // A token has no sessions of its own to ask for.
      call={of === 'own' ? null : apiPath('/api/v1/sessions', { of })}
    />
  );
}

const invitationColumns: readonly CsvColumn<InvitationView>[] = [
  { header: 'For', value: ({ name }) => name },
  { header: 'Role', value: ({ role }) => role },
  { header: 'By', value: ({ createdBy }) => createdBy },
  { header: 'Made (UTC)', value: ({ createdAt }) => timeOf(createdAt) },
  { header: 'Expires (UTC)', value: ({ expiresAt }) => timeOf(expiresAt) },
];

export function InvitationsExport({ invitations }: { invitations: readonly InvitationView[] }) {
  return (
    <ExportMenu
      isSmall
      name="invitations"
      csv={() => toCsv(invitationColumns, invitations)}
      call="/api/v1/invitations"
    />
  );
}

const userColumns: readonly CsvColumn<UserView>[] = [
  { header: 'Name', value: ({ name }) => name },
  { header: 'Role', value: ({ role }) => role },
  { header: 'Has password', value: ({ hasPassword }) => hasPassword },
  { header: 'Sessions', value: ({ sessionCount }) => sessionCount },
  { header: 'Disabled (UTC)', value: ({ disabledAt }) => timeOf(disabledAt) },
  { header: 'Last seen (UTC)', value: ({ lastSeenAt }) => timeOf(lastSeenAt) },
  { header: 'Created (UTC)', value: ({ createdAt }) => timeOf(createdAt) },
];

export function UsersExport({ users }: { users: readonly UserView[] }) {
  return (
    <ExportMenu
      isSmall
      name="people"
      csv={() => toCsv(userColumns, users)}
      call={apiPath('/api/v1/users', { limit: 1000 })}
    />
  );
}

const tokenColumns: readonly CsvColumn<TokenView>[] = [
  { header: 'Name', value: ({ name }) => name },
  { header: 'Kind', value: ({ kind }) => kind },
  { header: 'Role', value: ({ role }) => role },
  { header: 'Created by', value: ({ createdBy }) => createdBy },
  { header: 'Created (UTC)', value: ({ createdAt }) => timeOf(createdAt) },
  { header: 'Expires (UTC)', value: ({ expiresAt }) => timeOf(expiresAt) },
  { header: 'Last used (UTC)', value: ({ lastUsedAt }) => timeOf(lastUsedAt) },
];

export function TokensExport({ tokens }: { tokens: readonly TokenView[] }) {
  return <ExportMenu isSmall name="tokens" csv={() => toCsv(tokenColumns, tokens)} call="/api/v1/tokens" />;
}

const auditColumns: readonly CsvColumn<AuditPage['items'][number]>[] = [
  { header: 'When (UTC)', value: ({ at }) => timeOf(at) },
  { header: 'Who', value: ({ actor }) => actor },
  { header: 'Did what', value: ({ action }) => action },
  { header: 'To what', value: ({ subject }) => subject },
  { header: 'Before', value: ({ before }) => before },
  { header: 'After', value: ({ after }) => after },
];

interface AuditExportProps {
  readonly entries: AuditPage['items'];
  readonly filter: AuditFilter;
}

export function AuditExport({ entries, filter }: AuditExportProps) {
  const { actor = null, action = null, subject = null, cursor = null } = filter;
  return (
    <ExportMenu
      name="audit log"
      csv={() => toCsv(auditColumns, entries)}
      call={apiPath('/api/v1/audit', { actor, action, subject, cursor, limit: 100 })}
    />
  );
}
