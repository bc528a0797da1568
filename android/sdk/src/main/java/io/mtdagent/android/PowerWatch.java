package io.mtdagent.android;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.os.BatteryManager;
import android.os.Handler;

/** Watches the charger. */
final class PowerWatch {
    /** Is told at the start and at each change. */
    interface Listener {
        void onPower(boolean plugged);
    }

    private final Context context;
    private final Handler handler;
    private final Listener listener;
    private final BroadcastReceiver receiver = new BroadcastReceiver() {
        @Override
        public void onReceive(Context from, Intent intent) {
            listener.onPower(Intent.ACTION_POWER_CONNECTED.equals(intent.getAction()));
        }
    };

    private boolean started;

    PowerWatch(Context context, Handler handler, Listener listener) {
        this.context = context.getApplicationContext();
        this.handler = handler;
        this.listener = listener;
    }

    synchronized void start() {
        if (started) {
            return;
        }
        started = true;
        IntentFilter changes = new IntentFilter(Intent.ACTION_POWER_CONNECTED);
        changes.addAction(Intent.ACTION_POWER_DISCONNECTED);
        context.registerReceiver(receiver, changes, null, handler);
        // The last state is kept by the system: no receiver is needed to have it.
        Intent last = context.registerReceiver(null, new IntentFilter(Intent.ACTION_BATTERY_CHANGED));
        listener.onPower(last != null && last.getIntExtra(BatteryManager.EXTRA_PLUGGED, 0) != 0);
    }

    synchronized void stop() {
        if (started) {
            started = false;
            context.unregisterReceiver(receiver);
        }
    }
}
