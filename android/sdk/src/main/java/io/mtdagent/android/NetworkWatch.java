package io.mtdagent.android;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.net.ConnectivityManager;
import android.os.Build;
import android.os.Handler;

/**
 * Watches the network that the app uses: by broadcasts up to API 23, by the system's callback from 24 on. Needs
 * {@code ACCESS_NETWORK_STATE}; never asks for the place where the device is, which the name of a Wi-Fi would cost.
 */
final class NetworkWatch {
    /** Is told what differs from what it was told before, and once at the start. */
    interface Listener {
        void onNetwork(NetworkFacts facts);
    }

    private final Context context;
    private final ConnectivityManager connectivity;
    private final Handler handler;
    private final Listener listener;
    private final BroadcastReceiver receiver = new BroadcastReceiver() {
        @Override
        public void onReceive(Context from, Intent intent) {
            read();
        }
    };

    private NetworkFacts told;
    private NetworkCallbackApi24 callback;
    private boolean started;

    /** @param handler for what has to be read after a broadcast; not the main thread's */
    NetworkWatch(Context context, Handler handler, Listener listener) {
        this.context = context.getApplicationContext();
        this.handler = handler;
        this.listener = listener;
        connectivity = (ConnectivityManager) context.getSystemService(Context.CONNECTIVITY_SERVICE);
    }

    synchronized void start() {
        if (started) {
            return;
        }
        started = true;
        if (connectivity == null) {
            tell(NetworkFacts.UNTOLD);
            return;
        }
        read();
        try {
            if (Build.VERSION.SDK_INT >= 24) {
                callback = new NetworkCallbackApi24(this);
                callback.register(connectivity);
            } else {
                context.registerReceiver(receiver, new IntentFilter(ConnectivityManager.CONNECTIVITY_ACTION), null,
                        handler);
            }
        } catch (RuntimeException refused) {
            // Too many watches in this app, or no permission: the agent goes by its own attempts.
            callback = null;
            tell(NetworkFacts.UNTOLD);
        }
    }

    synchronized void stop() {
        if (!started) {
            return;
        }
        started = false;
        told = null;
        try {
            if (Build.VERSION.SDK_INT < 24) {
                context.unregisterReceiver(receiver);
            } else if (callback != null) {
                callback.unregister(connectivity);
                callback = null;
            }
        } catch (IllegalArgumentException notRegistered) {
            // It was refused when it began.
            return;
        }
    }

    /** Called by the callback and after each reading. */
    synchronized void tell(NetworkFacts facts) {
        if (started && !facts.equalTo(told)) {
            told = facts;
            listener.onNetwork(facts);
        }
    }

    private void read() {
        NetworkFacts facts;
        try {
            facts = Build.VERSION.SDK_INT >= 23 ? NetworkReaderApi23.read(connectivity)
                    : NetworkReader.read(connectivity);
        } catch (RuntimeException refused) {
            facts = NetworkFacts.UNTOLD;
        }
        tell(facts);
    }
}
