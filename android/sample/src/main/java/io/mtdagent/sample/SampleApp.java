package io.mtdagent.sample;

import android.app.Application;
import android.content.SharedPreferences;
import android.os.Handler;
import android.os.Looper;
import io.mtdagent.MtdAgent;
import io.mtdagent.MtdException;
import io.mtdagent.MtdStatus;
import io.mtdagent.android.MtdAndroid;
import io.mtdagent.android.MtdAndroidConfig;
import io.mtdagent.android.MtdAndroidListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The smallest partner app. The agent starts with the process, so that check-ins in the background find it; gateway,
 * device ID and tenant come from the managed configuration; the owner's consent is one button.
 */
public final class SampleApp extends Application implements MtdAndroidListener {
    private static final String CONSENT = "consent";

    private final Handler main = new Handler(Looper.getMainLooper());
    private volatile MtdStatus status;
    private volatile MtdException stopped;
    private Runnable onChange;

    @Override
    public void onCreate() {
        super.onCreate();
        MtdAndroid.start(this, new MtdAndroidConfig(trust()), this);
    }

    @Override
    public void onStarted(MtdAgent agent) {
        stopped = null;
        try {
            agent.setConsent(consented());
            show(agent.status());
        } catch (MtdException error) {
            stop(error);
        }
    }

    @Override
    public void onNotStarted(MtdException error) {
        stop(error);
    }

    @Override
    public void onStatus(MtdStatus changed) {
        show(changed);
    }

    @Override
    public void onInert(MtdException error) {
        stop(error);
    }

    /** The last status, null before the first. */
    MtdStatus status() {
        return status;
    }

    /** Why the agent does not run, null while it does. */
    MtdException stopped() {
        return stopped;
    }

    /** Run on the main thread at each change; null for nothing. */
    void setOnChange(Runnable onChange) {
        this.onChange = onChange;
    }

    boolean consented() {
        return preferences().getBoolean(CONSENT, false);
    }

    /** The owner agreed. */
    void consent() {
        preferences().edit().putBoolean(CONSENT, true).apply();
        final MtdAgent agent = MtdAndroid.current().agent();
        if (agent == null) {
            return;
        }
        // Not on the main thread: a call may wait for the agent's.
        new Thread("consent") {
            @Override
            public void run() {
                onStarted(agent);
            }
        }.start();
    }

    private SharedPreferences preferences() {
        return getSharedPreferences("sample", MODE_PRIVATE);
    }

    private void show(MtdStatus changed) {
        status = changed;
        tell();
    }

    private void stop(MtdException error) {
        stopped = error;
        tell();
    }

    private void tell() {
        main.post(new Runnable() {
            @Override
            public void run() {
                if (onChange != null) {
                    onChange.run();
                }
            }
        });
    }

    /** Whom to trust is part of the app, never of a configuration. */
    private String trust() {
        try {
            InputStream in = getAssets().open("trust.json");
            try {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                byte[] part = new byte[4096];
                for (int count = in.read(part); count >= 0; count = in.read(part)) {
                    bytes.write(part, 0, count);
                }
                return bytes.toString("UTF-8");
            } finally {
                in.close();
            }
        } catch (IOException absent) {
            throw new IllegalStateException("the app was built without its trust.json", absent);
        }
    }
}
