"""A process that is asked in turns."""
import json, os, subprocess, tempfile, time


class Missing(Exception):
    """A process that cannot run here, and why."""


class Server:
    """A process that answers each line with one; its first line is a JSON object of facts."""

    def __init__(self, command, environment, threads):
        self.started = time.perf_counter()
        self.complaints = tempfile.TemporaryFile("w+")
        processors = sorted(os.sched_getaffinity(0))[:threads]
        try:
            self.process = subprocess.Popen([str(word) for word in command], env={**os.environ, **environment}, text=True, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=self.complaints, preexec_fn=lambda: os.sched_setaffinity(0, processors))
        except OSError as problem:
            raise Missing(str(problem)) from None
        self.facts = json.loads(self.answer())

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.complaints.seek(0)
            said = [text for text in self.complaints.read().splitlines() if text.strip()]
            raise Missing(said[-1].strip()[:200] if said else f"exit status {self.process.returncode}")
        return line

    def ask(self, line):
        """The line of the answer."""
        try:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # `answer` says why
        return self.answer()

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended by itself
        self.process.wait()
        self.process.stdout.close()
        self.complaints.close()
