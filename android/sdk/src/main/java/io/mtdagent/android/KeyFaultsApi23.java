package io.mtdagent.android;

import android.annotation.TargetApi;
import android.os.Build;
import android.security.keystore.KeyPermanentlyInvalidatedException;
import android.security.keystore.UserNotAuthenticatedException;

/** Exceptions that API 23 adds, and the codes inside them that API 33 shows. */
@TargetApi(23)
final class KeyFaultsApi23 {
    /** A chain of causes is not followed further. */
    private static final int DEPTH = 8;

    private KeyFaultsApi23() {
    }

    /** Null where the exceptions do not tell. */
    static KeyFault of(Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; i < DEPTH && cause != null; i++) {
            if (cause instanceof KeyPermanentlyInvalidatedException) {
                return KeyFault.GONE;
            }
            if (cause instanceof UserNotAuthenticatedException) {
                return KeyFault.LOCKED;
            }
            KeyFault told = Build.VERSION.SDK_INT >= 33 ? KeyFaultsApi33.of(cause) : null;
            if (told != null) {
                return told;
            }
            cause = cause.getCause();
        }
        return null;
    }
}
