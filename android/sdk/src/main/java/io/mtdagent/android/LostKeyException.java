package io.mtdagent.android;

import java.security.UnrecoverableKeyException;

/** What a record holds cannot be a key: there is nothing to wait for. */
final class LostKeyException extends UnrecoverableKeyException {
    private static final long serialVersionUID = 1L;
}
