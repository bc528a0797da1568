package io.mtdagent.android;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.os.Build;
import android.os.Handler;
import io.mtdagent.MtdAgent;
import io.mtdagent.MtdException;

/** What the agent is told of while the process lives: network, charger, unlocking, configuration, apps. */
final class Watches implements NetworkWatch.Listener, PowerWatch.Listener {
    /** {@code Intent.ACTION_APPLICATION_RESTRICTIONS_CHANGED}, from API 21. */
    static final String RESTRICTIONS_CHANGED = "android.intent.action.APPLICATION_RESTRICTIONS_CHANGED";

    private final Platform platform;
    private final NetworkWatch network;
    private final PowerWatch power;

    Watches(Context context, Handler handler, Platform platform) {
        this.platform = platform;
        network = new NetworkWatch(context, handler, this);
        power = new PowerWatch(context, handler, this);
    }

    static IntentFilter changes() {
        IntentFilter changes = new IntentFilter(Unlock.action());
        changes.addAction(RESTRICTIONS_CHANGED);
        return changes;
    }

    /** From API 26 a receiver in the manifest no longer hears of apps; one that is registered does. */
    static void listenToApps(Context context, BroadcastReceiver receiver, Handler handler) {
        if (Build.VERSION.SDK_INT < 26) {
            return;
        }
        IntentFilter apps = new IntentFilter(Intent.ACTION_PACKAGE_ADDED);
        apps.addAction(Intent.ACTION_PACKAGE_REMOVED);
        apps.addAction(Intent.ACTION_PACKAGE_REPLACED);
        apps.addDataScheme("package");
        context.registerReceiver(receiver, apps, null, handler);
    }

    void start() {
        network.start();
        power.start();
    }

    void stop() {
        network.stop();
        power.stop();
    }

    @Override
    public void onNetwork(NetworkFacts facts) {
        MtdAgent told = platform.agent();
        if (told == null) {
            return;
        }
        try {
            told.networkChanged(facts.reach, facts.name, facts.metered);
        } catch (MtdException over) {
            // Stopped or inert: there is nobody to tell.
            return;
        }
    }

    @Override
    public void onPower(boolean plugged) {
        MtdAgent told = platform.agent();
        if (told == null) {
            return;
        }
        try {
            told.powerChanged(plugged);
        } catch (MtdException over) {
            // Stopped or inert: there is nobody to tell.
            return;
        }
    }
}
