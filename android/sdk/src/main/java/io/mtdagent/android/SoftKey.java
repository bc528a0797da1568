package io.mtdagent.android;

import android.os.Build;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;

/**
 * A P-256 key in software, for systems whose key store has none. Below API 23 Bouncy Castle is asked by name: it is in
 * every such Android and takes randomness from its caller. Later ones no longer let it be named; a phone that was
 * upgraded signs with what the system offers.
 */
final class SoftKey {
    private static final String PROVIDER = "BC";
    private static final int BITS = 256;
    private static final String ALGORITHM = "SHA256withECDSA";

    /** PKCS#8: to be wiped after use. */
    final byte[] secret;
    final byte[] spki;

    private SoftKey(byte[] secret, byte[] spki) {
        this.secret = secret;
        this.spki = spki;
    }

    static SoftKey make() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", PROVIDER);
        generator.initialize(BITS, new Urandom());
        KeyPair pair = generator.generateKeyPair();
        return new SoftKey(pair.getPrivate().getEncoded(), pair.getPublic().getEncoded());
    }

    /** Signs, and wipes the secret. */
    static byte[] sign(byte[] secret, byte[] message) throws GeneralSecurityException {
        try {
            boolean named = Build.VERSION.SDK_INT < 23;
            KeyFactory factory = named ? KeyFactory.getInstance("EC", PROVIDER) : KeyFactory.getInstance("EC");
            PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(secret));
            Signature signature = named ? Signature.getInstance(ALGORITHM, PROVIDER) : Signature.getInstance(ALGORITHM);
            signature.initSign(key, new Urandom());
            signature.update(message);
            return signature.sign();
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
