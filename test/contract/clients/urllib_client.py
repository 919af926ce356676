"""Posts a text to an address and prints the answer, with nothing but Python's own library."""
import sys
import urllib.request

url, text = sys.argv[1:]
request = urllib.request.Request(url, text.encode(), {"Content-Type": "application/json"})
with urllib.request.urlopen(request, timeout=10) as answer:
    sys.stdout.write(answer.read().decode())
