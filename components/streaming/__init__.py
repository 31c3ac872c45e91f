"""The stream and the predictor."""

from components.streaming.component import Streaming as Streaming
from components.streaming.component import StreamingArgs as StreamingArgs
