"""What the document means and JSON Schema cannot say."""

import schemathesis


@schemathesis.serializer("application/pkcs10")
def as_text(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()


def canonical(value):
    """JSON Schema calls 1.0 an integer; RFC 8785 writes it 1, and keeps the exponent of what is too large."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    return value


@schemathesis.hook
def map_body(ctx, body):
    return canonical(body)
