package io.mtdagent.android;

import android.annotation.TargetApi;
import android.app.KeyguardManager;
import android.os.Build;
import java.util.regex.Pattern;

/** What API 23 adds. */
@TargetApi(23)
final class PostureApi23 {
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

    private PostureApi23() {
    }

    /** A code, pattern or password; the older question counts a locked SIM as one. */
    static boolean isSecure(KeyguardManager guard) {
        return guard.isDeviceSecure();
    }

    /** Null where the maker wrote something else than a date. */
    static String patchLevel() {
        String date = Build.VERSION.SECURITY_PATCH;
        return date != null && DATE.matcher(date).matches() ? date : null;
    }
}
