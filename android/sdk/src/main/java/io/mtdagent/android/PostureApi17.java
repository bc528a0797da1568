package io.mtdagent.android;

import android.annotation.TargetApi;
import android.content.Context;
import android.provider.Settings;

/** What API 17 adds. */
@TargetApi(17)
final class PostureApi17 {
    private PostureApi17() {
    }

    static int global(Context context, String name) {
        return Settings.Global.getInt(context.getContentResolver(), name, 0);
    }
}
