"""The acts: what can be done. Each public function is one complete act on a session."""
