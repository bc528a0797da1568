package io.mtdagent.android;

import android.os.Build;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** {@code AndroidKeyStore}, from API 18 on. */
final class SystemStore {
    static final String NAME = "AndroidKeyStore";

    private SystemStore() {
    }

    /** Whether this version of Android has one. */
    static boolean isHere() {
        return Build.VERSION.SDK_INT >= 18;
    }

    static KeyStore open() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(NAME);
        store.load(null);
        return store;
    }

    /** Never null. */
    static Key key(String alias) throws GeneralSecurityException, IOException {
        Key key = open().getKey(alias, null);
        if (key == null) {
            throw new UnrecoverableKeyException("no entry");
        }
        return key;
    }

    /** No entry is a success. */
    static void delete(String alias) throws GeneralSecurityException, IOException {
        KeyStore store = open();
        if (store.containsAlias(alias)) {
            store.deleteEntry(alias);
        }
    }

    /**
     * Up to API 23 the store writes the dates of a key's certificate in the digits of the user's language, and fails
     * to read them where these are not ASCII.
     */
    static void generate(KeyPairGenerator generator) {
        Locale before = Locale.getDefault();
        if (Build.VERSION.SDK_INT > 23 || DecimalFormatSymbols.getInstance(before).getZeroDigit() == '0') {
            generator.generateKeyPair();
            return;
        }
        Locale.setDefault(Locale.ENGLISH);
        try {
            generator.generateKeyPair();
        } finally {
            Locale.setDefault(before);
        }
    }
}
