package io.mtdagent.android;

import android.annotation.TargetApi;
import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import android.os.Build;
import android.os.UserManager;
import java.util.List;

/** The profile that an employer manages on a person's phone: an app inside sees the apps inside, and no others. */
final class WorkProfile {
    private WorkProfile() {
    }

    /** Whether this app runs inside one. False where the system cannot tell, and before API 21, which has none. */
    static boolean isAround(Context context) {
        if (Build.VERSION.SDK_INT >= 30) {
            return Api30.isAround(context);
        }
        return Build.VERSION.SDK_INT >= 21 && Api21.isAround(context);
    }

    @TargetApi(21)
    private static final class Api21 {
        static boolean isAround(Context context) {
            DevicePolicyManager policies =
                    (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
            List<ComponentName> admins = policies == null ? null : policies.getActiveAdmins();
            if (admins == null) {
                return false;
            }
            for (ComponentName admin : admins) {
                if (policies.isProfileOwnerApp(admin.getPackageName())) {
                    return true;
                }
            }
            return false;
        }
    }

    @TargetApi(30)
    private static final class Api30 {
        static boolean isAround(Context context) {
            UserManager users = (UserManager) context.getSystemService(Context.USER_SERVICE);
            return users != null && users.isManagedProfile();
        }
    }
}
