package io.mtdagent.android;

import android.annotation.TargetApi;
import android.security.keystore.KeyInfo;
import android.security.keystore.KeyProperties;

/** What API 31 adds. */
@TargetApi(31)
final class KeysApi31 {
    private KeysApi31() {
    }

    /** A level that is not known is not called hardware. */
    static boolean isInHardware(KeyInfo info) {
        int level = info.getSecurityLevel();
        return level == KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT
                || level == KeyProperties.SECURITY_LEVEL_STRONGBOX
                || level == KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE;
    }
}
