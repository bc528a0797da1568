package io.mtdagent.android;

import android.annotation.TargetApi;
import android.security.KeyStoreException;

/** The key store's own codes, public since API 33. */
@TargetApi(33)
final class KeyFaultsApi33 {
    private KeyFaultsApi33() {
    }

    /** Null where the exception is another one, or its code tells nothing. */
    static KeyFault of(Throwable cause) {
        if (!(cause instanceof KeyStoreException)) {
            return null;
        }
        KeyStoreException told = (KeyStoreException) cause;
        switch (told.getNumericErrorCode()) {
            case KeyStoreException.ERROR_KEY_DOES_NOT_EXIST:
            case KeyStoreException.ERROR_KEY_CORRUPTED:
                return KeyFault.GONE;
            case KeyStoreException.ERROR_USER_AUTHENTICATION_REQUIRED:
                return KeyFault.LOCKED;
            default:
                return told.isTransientFailure() ? KeyFault.BUSY : null;
        }
    }
}
