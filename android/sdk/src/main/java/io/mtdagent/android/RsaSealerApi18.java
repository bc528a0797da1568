package io.mtdagent.android;

import android.annotation.TargetApi;
import android.content.Context;
import android.security.KeyPairGeneratorSpec;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.util.Date;
import javax.crypto.Cipher;
import javax.security.auth.x500.X500Principal;

/**
 * RSA-2048 with PKCS#1 padding: all that the system's key store does before API 23. What is sealed, a P-256 key or
 * 32 bytes, fits into one block of 245 bytes. It hides and does not authenticate: who can write into the sandbox can
 * seal another key, and who can is the app.
 */
@TargetApi(18)
@SuppressWarnings("deprecation")
final class RsaSealerApi18 extends Sealer {
    private static final Date BEGIN = new Date(0);
    /** The first second of 2049, the last year that the short form of a date can say. */
    private static final Date END = new Date(2_493_072_000_000L);

    private final Context context;

    RsaSealerApi18(Context context) {
        this.context = context;
    }

    @Override
    byte[] seal(String alias, byte[] plain) throws GeneralSecurityException, IOException {
        // API 18 replaces no key.
        SystemStore.delete(alias);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA", SystemStore.NAME);
        generator.initialize(new KeyPairGeneratorSpec.Builder(context)
                .setAlias(alias)
                .setSubject(new X500Principal("CN=mtd-agent"))
                .setSerialNumber(BigInteger.ONE)
                .setStartDate(BEGIN)
                .setEndDate(END)
                .build());
        SystemStore.generate(generator);
        return cipher(Cipher.ENCRYPT_MODE, SystemStore.open().getCertificate(alias).getPublicKey()).doFinal(plain);
    }

    @Override
    byte[] open(String alias, byte[] sealed) throws GeneralSecurityException, IOException {
        return cipher(Cipher.DECRYPT_MODE, SystemStore.key(alias)).doFinal(sealed);
    }

    @Override
    KeyRecord.Kept kept() {
        return KeyRecord.Kept.UNDER_RSA;
    }

    private static Cipher cipher(int mode, Key key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        cipher.init(mode, key);
        return cipher;
    }
}
