package io.mtdagent.android;

import android.annotation.TargetApi;
import android.security.keystore.KeyGenParameterSpec;

/** What API 28 adds. */
@TargetApi(28)
final class KeysApi28 {
    private KeysApi28() {
    }

    static KeyGenParameterSpec.Builder inStrongBox(KeyGenParameterSpec.Builder builder) {
        return builder.setIsStrongBoxBacked(true);
    }
}
