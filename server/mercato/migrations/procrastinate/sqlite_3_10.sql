-- Procrastinate's tables for SQLite; none for periodic tasks, as mercato.jobs.schedule has its own.
-- Moments are seconds since 1970 (UTC), written by the application, so that they follow its clock; what
-- PostgreSQL's triggers do is done by mercato.jobs.statements.

CREATE TABLE procrastinate_workers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    last_heartbeat REAL NOT NULL
);

CREATE TABLE procrastinate_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue_name TEXT NOT NULL,
    task_name TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    lock TEXT,
    queueing_lock TEXT,
    args TEXT NOT NULL DEFAULT '{}',
    status TEXT NOT NULL DEFAULT 'todo'
        CHECK (status IN ('todo', 'doing', 'succeeded', 'failed', 'cancelled', 'aborting', 'aborted')),
    scheduled_at REAL,
    attempts INTEGER NOT NULL DEFAULT 0,
    abort_requested INTEGER NOT NULL DEFAULT 0,
    worker_id INTEGER REFERENCES procrastinate_workers(id) ON DELETE SET NULL,
    CHECK (NOT (status = 'todo' AND abort_requested))
);

CREATE TABLE procrastinate_events (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES procrastinate_jobs(id) ON DELETE CASCADE,
    type TEXT,
    at REAL NOT NULL
);

-- At most one waiting job per queueing lock, at most one running job per lock.
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON procrastinate_jobs (queueing_lock)
    WHERE status = 'todo';
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON procrastinate_jobs (lock) WHERE status = 'doing';

CREATE INDEX procrastinate_jobs_todo_idx ON procrastinate_jobs (priority DESC, id) WHERE status = 'todo';
CREATE INDEX procrastinate_jobs_due_idx ON procrastinate_jobs (scheduled_at) WHERE status = 'todo';
CREATE INDEX procrastinate_jobs_lock_wait_idx ON procrastinate_jobs (lock, id)
    WHERE status IN ('todo', 'doing');
CREATE INDEX procrastinate_jobs_doing_idx ON procrastinate_jobs (worker_id) WHERE status = 'doing';
CREATE INDEX procrastinate_events_job_idx ON procrastinate_events (job_id);
