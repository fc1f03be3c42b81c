"""A web server on port 80: NAME [REDIRECT_TO]. Prints "ready" when it listens.

Each page has the name of the server and the path. With REDIRECT_TO, each page but /accept redirects there.
"""

import http.server
import sys

name, redirect_to = (sys.argv[1:] + [""])[:2]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        is_redirected = redirect_to != "" and self.path not in ("/accept", "/welcome")
        body = f"{name} {self.path}".encode()
        self.send_response(302 if is_redirected else 200)
        if is_redirected:
            self.send_header("Location", redirect_to)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("", 80), Handler)
print("ready", flush=True)
server.serve_forever()
