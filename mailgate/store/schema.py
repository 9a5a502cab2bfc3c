"""The tables, in the SQL that SQLite and PostgreSQL both understand, but for full text.

Takes nothing, gives the statements that `migrations.py` runs. Times are UTC epoch seconds; JSON is text; what has few
values is a word, not a number, so that a row can be read by a person.
"""

_PEOPLE = [
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE signing_key (id INTEGER PRIMARY KEY, secret TEXT NOT NULL, created_at REAL NOT NULL)",
    "CREATE TABLE company (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, notes TEXT)",
    "CREATE TABLE company_domain (domain TEXT PRIMARY KEY, company_id INTEGER NOT NULL REFERENCES company(id))",
    """CREATE TABLE person (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL DEFAULT '', username TEXT UNIQUE,
        role TEXT NOT NULL DEFAULT 'user', company_id INTEGER REFERENCES company(id), department TEXT, location TEXT,
        language TEXT, time_zone TEXT, signature TEXT, mail_on INTEGER NOT NULL DEFAULT 1, new_ticket_mail INTEGER,
        out_of_office INTEGER NOT NULL DEFAULT 0, disabled INTEGER NOT NULL DEFAULT 0, password_hash TEXT,
        made_by TEXT NOT NULL DEFAULT 'cli', welcomed_at REAL, epoch INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL)""",
    "CREATE INDEX person_role ON person (role) WHERE role <> 'user'",
    "CREATE INDEX person_company ON person (company_id) WHERE company_id IS NOT NULL",
    """CREATE TABLE address (
        address TEXT PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person(id), position INTEGER NOT NULL)""",
    "CREATE INDEX address_person ON address (person_id)",
    """CREATE TABLE category (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, word TEXT UNIQUE, section TEXT,
        default_assignee_id INTEGER REFERENCES person(id), from_address TEXT, from_name TEXT,
        internal_only INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE category_technician (
        category_id INTEGER NOT NULL REFERENCES category(id), person_id INTEGER NOT NULL REFERENCES person(id),
        PRIMARY KEY (category_id, person_id))""",
    "CREATE INDEX category_technician_person ON category_technician (person_id)",
]

_TICKETS = [
    """CREATE TABLE ticket (
        id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, requester_id INTEGER NOT NULL REFERENCES person(id),
        category_id INTEGER NOT NULL REFERENCES category(id), status TEXT NOT NULL, priority TEXT NOT NULL,
        assignee_id INTEGER REFERENCES person(id), via TEXT NOT NULL, address_word TEXT, mailbox TEXT,
        created_at REAL NOT NULL, updated_at REAL NOT NULL, taken_at REAL, first_answered_at REAL, closed_at REAL,
        due_at REAL, time_spent_s INTEGER NOT NULL DEFAULT 0, merged_into INTEGER REFERENCES ticket(id),
        entries INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX ticket_updated ON ticket (updated_at)",
    "CREATE INDEX ticket_status ON ticket (status, updated_at)",
    "CREATE INDEX ticket_requester ON ticket (requester_id)",
    "CREATE INDEX ticket_assignee ON ticket (assignee_id, updated_at)",
    "CREATE INDEX ticket_category ON ticket (category_id, updated_at)",
    """CREATE TABLE entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id INTEGER NOT NULL REFERENCES ticket(id), kind TEXT NOT NULL,
        author_id INTEGER REFERENCES person(id), author_name TEXT NOT NULL DEFAULT '',
        author_address TEXT NOT NULL DEFAULT '', at REAL NOT NULL, text TEXT NOT NULL DEFAULT '', reply_text TEXT,
        html TEXT, message_id TEXT, queue_id TEXT, message INTEGER, marks TEXT NOT NULL DEFAULT '[]',
        data TEXT NOT NULL DEFAULT '{}', time_spent_s INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX entry_ticket ON entry (ticket_id, id)",
    """CREATE TABLE attachment (
        id INTEGER PRIMARY KEY AUTOINCREMENT, entry_id INTEGER NOT NULL REFERENCES entry(id), filename TEXT NOT NULL,
        content_type TEXT NOT NULL, size INTEGER NOT NULL, inline INTEGER NOT NULL DEFAULT 0, content_id TEXT,
        sha256 TEXT NOT NULL)""",
    "CREATE INDEX attachment_entry ON attachment (entry_id)",
    "CREATE INDEX attachment_blob ON attachment (sha256)",
    """CREATE TABLE subscriber (
        ticket_id INTEGER NOT NULL REFERENCES ticket(id), person_id INTEGER NOT NULL REFERENCES person(id),
        since_at REAL NOT NULL, PRIMARY KEY (ticket_id, person_id))""",
    "CREATE INDEX subscriber_person ON subscriber (person_id)",
    """CREATE TABLE ticket_tag (
        ticket_id INTEGER NOT NULL REFERENCES ticket(id), tag TEXT NOT NULL, PRIMARY KEY (ticket_id, tag))""",
    "CREATE INDEX ticket_tag_tag ON ticket_tag (tag, ticket_id)",
    """CREATE TABLE ticket_link (
        ticket_id INTEGER NOT NULL REFERENCES ticket(id), kind TEXT NOT NULL, other_id INTEGER NOT NULL,
        PRIMARY KEY (ticket_id, kind, other_id))""",
    """CREATE TABLE field (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, visibility TEXT NOT NULL,
        category_id INTEGER REFERENCES category(id), required INTEGER NOT NULL DEFAULT 0,
        choices TEXT NOT NULL DEFAULT '[]')""",
    """CREATE TABLE field_value (
        ticket_id INTEGER NOT NULL REFERENCES ticket(id), field_id INTEGER NOT NULL REFERENCES field(id),
        value TEXT NOT NULL, PRIMARY KEY (ticket_id, field_id))""",
    """CREATE TABLE rating (
        ticket_id INTEGER NOT NULL REFERENCES ticket(id), closed_at REAL NOT NULL, vote TEXT NOT NULL,
        comment TEXT NOT NULL DEFAULT '', at REAL NOT NULL, PRIMARY KEY (ticket_id, closed_at))""",
    # A message id is known as `in` (received), `out` (sent) or `ref` (only named by a message of the ticket so far).
    """CREATE TABLE thread_id (
        message_id TEXT NOT NULL, ticket_id INTEGER NOT NULL, direction TEXT NOT NULL,
        PRIMARY KEY (message_id, ticket_id))""",
]

_LISTS = [
    """CREATE TABLE blob (
        sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, packing TEXT NOT NULL, data BLOB, created_at REAL NOT NULL)""",
    """CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT, queue_id TEXT NOT NULL UNIQUE, received_at REAL NOT NULL,
        source TEXT NOT NULL, reverse_path TEXT, recipients TEXT NOT NULL, client TEXT NOT NULL, findings TEXT NOT NULL,
        sha256 TEXT NOT NULL, size INTEGER NOT NULL, message_id TEXT, from_name TEXT, from_address TEXT, subject TEXT,
        class TEXT, outcome TEXT, ticket_id INTEGER, entry_id INTEGER, duplicate_of INTEGER, reason TEXT,
        trace TEXT NOT NULL DEFAULT '[]', fingerprint TEXT, released INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at REAL, error TEXT, finished_at REAL)""",
    "CREATE INDEX message_waiting ON message (id) WHERE outcome IS NULL",
    "CREATE INDEX message_aside ON message (outcome, id) WHERE outcome IN ('held', 'failed')",
    "CREATE INDEX message_fingerprint ON message (fingerprint) WHERE fingerprint IS NOT NULL",
    "CREATE INDEX message_blob ON message (sha256)",
    "CREATE INDEX message_ticket ON message (ticket_id) WHERE ticket_id IS NOT NULL",
    # The ledger's totals, kept by the same transactions that write rows, so that `audit` can compare two counts.
    "CREATE TABLE tally (name TEXT PRIMARY KEY, count INTEGER NOT NULL)",
    "CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE seen (
        source_id INTEGER NOT NULL, key BLOB NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (source_id, key)
        ) WITHOUT ROWID""",
    """CREATE TABLE event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, at REAL NOT NULL, ticket_id INTEGER,
        entry_id INTEGER, actor_id INTEGER, data TEXT NOT NULL DEFAULT '{}', handled_at REAL,
        attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at REAL, error TEXT)""",
    "CREATE INDEX event_waiting ON event (id) WHERE handled_at IS NULL",
    "CREATE INDEX event_ticket ON event (ticket_id) WHERE ticket_id IS NOT NULL",
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id INTEGER, entry_id INTEGER, event_id INTEGER,
        template TEXT NOT NULL, message_id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, sender TEXT NOT NULL,
        automatic INTEGER NOT NULL, raw TEXT NOT NULL, status TEXT NOT NULL, created_at REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at REAL NOT NULL, claimed_until REAL, last_reply TEXT,
        finished_at REAL)""",
    "CREATE INDEX outbox_pending ON outbox (next_attempt_at) WHERE status = 'pending'",
    "CREATE INDEX outbox_ticket ON outbox (ticket_id)",
    "CREATE INDEX outbox_raw ON outbox (raw)",
    "CREATE INDEX outbox_created ON outbox (created_at)",
    """CREATE TABLE outbox_recipient (
        outbox_id INTEGER NOT NULL REFERENCES outbox(id), address TEXT NOT NULL, status TEXT NOT NULL, last_reply TEXT,
        PRIMARY KEY (outbox_id, address))""",
    "CREATE INDEX outbox_recipient_address ON outbox_recipient (address)",
    """CREATE TABLE suppression (
        address TEXT PRIMARY KEY, reason TEXT NOT NULL, status TEXT, failures INTEGER NOT NULL, suppressed INTEGER NOT NULL,
        since_at REAL NOT NULL, last_at REAL NOT NULL, expires_at REAL)""",
    "CREATE TABLE meter (name TEXT NOT NULL, slot INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (name, slot))",
    "CREATE INDEX meter_slot ON meter (slot)",
    """CREATE TABLE account_state (
        name TEXT PRIMARY KEY, enabled INTEGER NOT NULL DEFAULT 1, failures INTEGER NOT NULL DEFAULT 0, last_error TEXT,
        last_attempt_at REAL, last_success_at REAL, disabled_at REAL, fetched_total INTEGER NOT NULL DEFAULT 0,
        announced INTEGER NOT NULL DEFAULT 0, cursor TEXT NOT NULL DEFAULT '{}')""",
]

TABLES = [*_PEOPLE, *_TICKETS, *_LISTS]

# One row an entry: folded words of its text, the ticket's subject (with the first entry) and attachment names.
FULL_TEXT = [
    "CREATE VIRTUAL TABLE search USING fts5 (words, content='', tokenize='unicode61 remove_diacritics 2', detail='full')",
    # Fewer, larger merges: half the writing for a little more reading.
    "INSERT INTO search (search, rank) VALUES ('automerge', 16)",
    "INSERT INTO search (search, rank) VALUES ('crisismerge', 64)",
]

# Schema 2: the knowledge base. `article` is what it says now, `article_version` all that it ever said.
ARTICLES = [
    """CREATE TABLE article (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL,
        category_id INTEGER NOT NULL REFERENCES category(id), internal INTEGER NOT NULL DEFAULT 0,
        language TEXT NOT NULL, version INTEGER NOT NULL, created_at REAL NOT NULL, updated_at REAL NOT NULL)""",
    "CREATE INDEX article_category ON article (category_id)",
    """CREATE TABLE article_tag (
        article_id INTEGER NOT NULL REFERENCES article(id), tag TEXT NOT NULL, PRIMARY KEY (article_id, tag))""",
    "CREATE INDEX article_tag_tag ON article_tag (tag, article_id)",
    """CREATE TABLE article_version (
        article_id INTEGER NOT NULL REFERENCES article(id), version INTEGER NOT NULL, title TEXT NOT NULL,
        text TEXT NOT NULL, category_id INTEGER NOT NULL REFERENCES category(id), internal INTEGER NOT NULL,
        language TEXT NOT NULL, tags TEXT NOT NULL, author_id INTEGER REFERENCES person(id), at REAL NOT NULL,
        PRIMARY KEY (article_id, version))""",
    "CREATE INDEX article_version_author ON article_version (author_id) WHERE author_id IS NOT NULL",
    # Stems, each article in the columns of its language, so that a word is stemmed on both sides by the same rules.
    """CREATE VIRTUAL TABLE article_search USING fts5 (
        title_en, words_en, title_tr, words_tr, tokenize='unicode61 remove_diacritics 2')""",
    "CREATE VIRTUAL TABLE article_vocabulary USING fts5vocab (article_search, row)",
]

# Schema 3: values of custom fields by what they are compared by (`fields.key`), for `ticket list --field`.
FIELD_KEYS = [
    "ALTER TABLE field_value ADD COLUMN key TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX field_value_key ON field_value (field_id, key, ticket_id)",
]
