package io.mtdagent.android;

import android.annotation.TargetApi;
import android.content.Context;
import android.content.Intent;
import android.os.Build;
import android.os.UserManager;

/** The first unlock after the boot: before it the app's files and keys are closed. */
final class Unlock {
    private Unlock() {
    }

    /** False only where the system says so: before API 24 an app runs with its files open. */
    static boolean happened(Context context) {
        return Build.VERSION.SDK_INT < 24 || Api24.happened(context);
    }

    /** Broadcast when it happens; before API 24 at every unlock. */
    static String action() {
        return Build.VERSION.SDK_INT >= 24 ? Intent.ACTION_USER_UNLOCKED : Intent.ACTION_USER_PRESENT;
    }

    @TargetApi(24)
    private static final class Api24 {
        static boolean happened(Context context) {
            UserManager users = (UserManager) context.getSystemService(Context.USER_SERVICE);
            return users == null || users.isUserUnlocked();
        }
    }
}
