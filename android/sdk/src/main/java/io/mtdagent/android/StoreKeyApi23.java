package io.mtdagent.android;

import android.annotation.TargetApi;
import android.os.Build;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyInfo;
import android.security.keystore.KeyProperties;
import io.mtdagent.MtdKeyStore.Protection;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/** A P-256 key that the system's key store makes and never gives out. */
@TargetApi(23)
final class StoreKeyApi23 {
    private static final int CHALLENGE_BYTES = 32;

    private StoreKeyApi23() {
    }

    /** Makes it in the best place that will have it: a secure element first, and attested where that is possible. */
    static KeyRecord make(String alias) throws GeneralSecurityException, IOException {
        if (Build.VERSION.SDK_INT < 28 || !(tries(KeysApi28.inStrongBox(attested(alias)))
                || tries(KeysApi28.inStrongBox(builder(alias))))) {
            if (Build.VERSION.SDK_INT < 24 || !tries(attested(alias))) {
                generate(builder(alias));
            }
        }
        byte[] spki = SystemStore.open().getCertificate(alias).getPublicKey().getEncoded();
        return new KeyRecord(KeyRecord.Kept.IN_STORE, protection(alias), spki, new byte[0]);
    }

    private static Protection protection(String alias) throws GeneralSecurityException, IOException {
        Key key = SystemStore.key(alias);
        KeyFactory factory = KeyFactory.getInstance(key.getAlgorithm(), SystemStore.NAME);
        KeyInfo info = factory.getKeySpec(key, KeyInfo.class);
        boolean hardware = Build.VERSION.SDK_INT >= 31
                ? KeysApi31.isInHardware(info) : info.isInsideSecureHardware();
        return hardware ? Protection.SECURE_HARDWARE : Protection.SYSTEM;
    }

    static byte[] sign(String alias, byte[] message) throws GeneralSecurityException, IOException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign((PrivateKey) SystemStore.key(alias));
        signature.update(message);
        return signature.sign();
    }

    /**
     * A phone without a secure element, or whose maker gave it no attestation keys, says so by refusing. What else it
     * may mean, the last and plainest try shows.
     */
    private static boolean tries(KeyGenParameterSpec.Builder builder) throws GeneralSecurityException {
        try {
            generate(builder);
            return true;
        } catch (ProviderException refused) {
            return false;
        }
    }

    @TargetApi(24)
    private static KeyGenParameterSpec.Builder attested(String alias) throws GeneralSecurityException {
        return KeysApi24.attested(builder(alias), Urandom.bytes(CHALLENGE_BYTES));
    }

    private static KeyGenParameterSpec.Builder builder(String alias) {
        return new KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
                .setAlgorithmParameterSpec(new ECGenParameterSpec("secp256r1"))
                .setDigests(KeyProperties.DIGEST_SHA256);
    }

    private static void generate(KeyGenParameterSpec.Builder builder) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, SystemStore.NAME);
        generator.initialize(builder.build());
        SystemStore.generate(generator);
    }
}
