"""Admission, orders and routing in the shapes in which model servers ask for them.

Nothing of a server is imported. Each class names the interface that it was written from; none was run inside its server.
"""

from .batches import BatchAdmission
from .replicas import ReplicaChooser
from .requests import RequestQueue

__all__ = ["BatchAdmission", "ReplicaChooser", "RequestQueue"]
