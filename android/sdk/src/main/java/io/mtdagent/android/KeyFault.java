package io.mtdagent.android;

import android.os.Build;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.UnrecoverableKeyException;
import javax.crypto.BadPaddingException;

/** What a failure of the key store means, as far as its type tells (D4). */
enum KeyFault {
    /** Wait for the user. */
    LOCKED,
    /** It may pass. */
    BUSY,
    /** The store says that the key is lost. */
    GONE,
    /** Lost, or a store that is not itself: the types are the same. */
    DOUBTFUL,
    /** Such keys are not made here. */
    UNSUPPORTED;

    static KeyFault of(Throwable thrown) {
        KeyFault told = Build.VERSION.SDK_INT >= 23 ? KeyFaultsApi23.of(thrown) : null;
        if (told != null) {
            return told;
        }
        if (thrown instanceof LostKeyException) {
            return GONE;
        }
        if (thrown instanceof NoSuchAlgorithmException || thrown instanceof NoSuchProviderException
                || thrown instanceof InvalidAlgorithmParameterException) {
            return UNSUPPORTED;
        }
        boolean doubtful = thrown instanceof UnrecoverableKeyException || thrown instanceof InvalidKeyException
                || thrown instanceof BadPaddingException;
        return doubtful ? DOUBTFUL : BUSY;
    }
}
