package io.mtdagent.android;

import android.content.Context;
import android.os.Build;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** Seals a few bytes under a key of their own, as well as this version of Android can. */
abstract class Sealer {
    /** Makes the key under the alias in place of the one there, and seals. */
    abstract byte[] seal(String alias, byte[] plain) throws GeneralSecurityException, IOException;

    /** Opens what {@link #seal} sealed under the alias. */
    abstract byte[] open(String alias, byte[] sealed) throws GeneralSecurityException, IOException;

    /** How a record names it. */
    abstract KeyRecord.Kept kept();

    /** The best one here. */
    static Sealer best(Context context) {
        if (Build.VERSION.SDK_INT >= 23) {
            return new AesSealerApi23();
        }
        return Build.VERSION.SDK_INT >= 18 ? new RsaSealerApi18(context) : new NoSealer();
    }

    /** The one that a record names: a phone that was upgraded keeps the keys that it had. Null if it needs none. */
    static Sealer of(KeyRecord.Kept kept, Context context) throws GeneralSecurityException {
        switch (kept) {
            case UNDER_AES:
                if (Build.VERSION.SDK_INT < 23) {
                    // The record came from a newer Android.
                    throw new LostKeyException();
                }
                return new AesSealerApi23();
            case UNDER_RSA:
                if (Build.VERSION.SDK_INT < 18) {
                    throw new LostKeyException();
                }
                return new RsaSealerApi18(context);
            case PLAIN:
                return new NoSealer();
            case IN_STORE:
            default:
                throw new GeneralSecurityException("nothing is sealed");
        }
    }

    /** Android 4.1 and 4.2 have no key store for apps: the sandbox is all there is. */
    private static final class NoSealer extends Sealer {
        @Override
        byte[] seal(String alias, byte[] plain) {
            return plain.clone();
        }

        @Override
        byte[] open(String alias, byte[] sealed) {
            return sealed.clone();
        }

        @Override
        KeyRecord.Kept kept() {
            return KeyRecord.Kept.PLAIN;
        }
    }
}
