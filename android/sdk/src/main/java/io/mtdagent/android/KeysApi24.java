package io.mtdagent.android;

import android.annotation.TargetApi;
import android.content.Context;
import android.os.UserManager;
import android.security.keystore.KeyGenParameterSpec;

/** What API 24 adds. */
@TargetApi(24)
final class KeysApi24 {
    private KeysApi24() {
    }

    static KeyGenParameterSpec.Builder attested(KeyGenParameterSpec.Builder builder, byte[] challenge) {
        return builder.setAttestationChallenge(challenge);
    }

    /** The device was booted and not unlocked since. */
    static boolean isLocked(Context context) {
        UserManager users = (UserManager) context.getSystemService(Context.USER_SERVICE);
        return users != null && !users.isUserUnlocked();
    }
}
