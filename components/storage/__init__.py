"""The buckets."""

from components.storage.component import Storage as Storage
from components.storage.component import StorageArgs as StorageArgs
