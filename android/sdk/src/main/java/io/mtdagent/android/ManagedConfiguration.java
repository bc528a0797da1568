package io.mtdagent.android;

import android.annotation.TargetApi;
import android.content.Context;
import android.content.RestrictionsManager;
import android.os.Build;
import android.os.Bundle;
import android.os.UserManager;
import io.mtdagent.MtdConfiguration;
import java.util.HashMap;
import java.util.Map;

/** What the administrator says to this app. From API 18 on; before, there is none. */
final class ManagedConfiguration {
    /** Deeper ones are not followed: the agent hears no source that has more than 8. */
    private static final int MAX_DEPTH = 9;

    private ManagedConfiguration() {
    }

    /** Empty where the administrator says nothing. May read a file: not for the main thread. */
    static MtdConfiguration read(Context context) {
        Bundle said = null;
        if (Build.VERSION.SDK_INT >= 21) {
            said = Api21.read(context);
        } else if (Build.VERSION.SDK_INT >= 18) {
            said = Api18.read(context);
        }
        return MtdConfiguration.managed(values(said, MAX_DEPTH));
    }

    private static Map<String, Object> values(Bundle said, int depth) {
        Map<String, Object> values = new HashMap<String, Object>();
        if (said == null || depth == 0) {
            return values;
        }
        for (String key : said.keySet()) {
            Object value = said.get(key);
            values.put(key, value instanceof Bundle ? values((Bundle) value, depth - 1) : value);
        }
        return values;
    }

    @TargetApi(18)
    private static final class Api18 {
        static Bundle read(Context context) {
            UserManager users = (UserManager) context.getSystemService(Context.USER_SERVICE);
            return users == null ? null : users.getApplicationRestrictions(context.getPackageName());
        }
    }

    @TargetApi(21)
    private static final class Api21 {
        static Bundle read(Context context) {
            RestrictionsManager restrictions =
                    (RestrictionsManager) context.getSystemService(Context.RESTRICTIONS_SERVICE);
            return restrictions == null ? null : restrictions.getApplicationRestrictions();
        }
    }
}
