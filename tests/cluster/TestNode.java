import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** A node of a cluster on this machine: TestNode NUMBER FOLDER FIRST_PORT NODES. */
public final class TestNode extends Node {
    private TestNode(Environment environment) {
        super(environment, List.of(Netty4Plugin.class, CommonAnalysisPlugin.class), true);
    }

    @Override
    protected void configureNodeAndClusterIdStateListener(ClusterService service) {
        // It would name the node in a log layout that is not configured here.
    }

    public static void main(String[] given) throws Exception {
        int number = Integer.parseInt(given[0]), port = Integer.parseInt(given[2]);
        List<String> names = new ArrayList<>(), addresses = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(given[3]); i++) {
            names.add("node" + i);
            addresses.add("127.0.0.1:" + (port + 50 + i));
        }
        Settings settings = Settings.builder()
            .put("cluster.name", "pilcrow-" + port)
            .put("node.name", "node" + number)
            .put("path.home", Path.of(given[1], "node" + number))
            .put("network.host", "127.0.0.1")
            .put("http.port", port + number)
            .put("transport.port", port + 50 + number)
            .put("node.processors", 1)
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .putList("discovery.seed_hosts", addresses)
            .putList("cluster.initial_cluster_manager_nodes", names)
            .build();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), null, () -> "node" + number);
        Node node = new TestNode(environment);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (java.io.IOException ignored) {
                // The process ends in any case.
            }
        }));
        node.start();
        Thread.currentThread().join();
    }
}
