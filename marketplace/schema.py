"""The schema as the models describe it, with the queue's tables beside ours."""

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

from models.tables import metadata

# Procrastinate's NOTIFY would let only one transaction of the instance commit at a time;
# our workers ask each second instead.
WITHOUT_NOTIFY = """
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1;
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1;
"""


def build(connection: Connection) -> None:
    """Make every table, function and trigger in an empty database."""
    metadata.create_all(connection)
    connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    connection.exec_driver_sql(WITHOUT_NOTIFY)
