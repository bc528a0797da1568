package io.mtdagent.android;

import android.annotation.TargetApi;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.GCMParameterSpec;

/** AES-GCM under a key that the system's key store keeps. */
@TargetApi(23)
final class AesSealerApi23 extends Sealer {
    private static final int KEY_BITS = 256;
    private static final int TAG_BITS = 128;
    private static final int NONCE_BYTES = 12;

    @Override
    byte[] seal(String alias, byte[] plain) throws GeneralSecurityException, IOException {
        KeyGenerator generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, SystemStore.NAME);
        generator.init(new KeyGenParameterSpec.Builder(alias,
                KeyProperties.PURPOSE_ENCRYPT | KeyProperties.PURPOSE_DECRYPT)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(KEY_BITS)
                .build());
        generator.generateKey();
        Cipher cipher = cipher();
        // The store draws the nonce.
        cipher.init(Cipher.ENCRYPT_MODE, SystemStore.key(alias));
        byte[] nonce = cipher.getIV();
        if (nonce == null || nonce.length != NONCE_BYTES) {
            throw new GeneralSecurityException("nonce");
        }
        byte[] sealed = cipher.doFinal(plain);
        byte[] both = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
        System.arraycopy(sealed, 0, both, NONCE_BYTES, sealed.length);
        return both;
    }

    @Override
    byte[] open(String alias, byte[] sealed) throws GeneralSecurityException, IOException {
        if (sealed.length < NONCE_BYTES) {
            throw new LostKeyException();
        }
        Cipher cipher = cipher();
        cipher.init(Cipher.DECRYPT_MODE, SystemStore.key(alias),
                new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES));
        return cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    }

    @Override
    KeyRecord.Kept kept() {
        return KeyRecord.Kept.UNDER_AES;
    }

    private static Cipher cipher() throws GeneralSecurityException {
        return Cipher.getInstance("AES/GCM/NoPadding");
    }
}
