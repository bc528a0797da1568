package io.mtdagent.android;

import android.annotation.TargetApi;
import android.content.Context;
import android.os.Build;
import java.io.File;

/**
 * Where the agent's files lie: in storage that the user's unlocking opens. Storage that is open before the first unlock
 * (API 24) is not used: what is sealed there could be read by whoever boots the phone, and the keys are not to be had
 * before the unlock anyhow. From API 21 on the folder is in no backup; before, the app has to leave it out of its own.
 */
final class AgentFolder {
    /** Its name inside the app's files. */
    static final String NAME = "mtd-agent";

    private AgentFolder() {
    }

    /** The folder for {@link io.mtdagent.MtdConfig}. */
    static File state(Context context) {
        return new File(base(context), "state");
    }

    /** The folder for {@link AndroidKeys}. */
    static File keys(Context context) {
        return new File(base(context), "keys");
    }

    private static File base(Context context) {
        return new File(Build.VERSION.SDK_INT >= 21 ? Api21.base(context) : context.getFilesDir(), NAME);
    }

    @TargetApi(21)
    private static final class Api21 {
        static File base(Context context) {
            return context.getNoBackupFilesDir();
        }
    }
}
