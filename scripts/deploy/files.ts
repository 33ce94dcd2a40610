/** The files below deploy/grafana/dashboards, as they have to be: path → text. */
import { format } from 'prettier';
import { COMPONENT_DASHBOARDS } from './component-dashboards.ts';
import { GOVERNOR } from './governor-dashboard.ts';
import { dashboardJson, type Dashboard } from './grafana.ts';
import { OVERVIEW } from './overview.ts';

export const DASHBOARD_FOLDER = 'deploy/grafana/dashboards';

export async function dashboardFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const add = async (name: string, dashboard: Dashboard): Promise<void> => {
    const text = JSON.stringify(dashboardJson(dashboard));
    files.set(`${DASHBOARD_FOLDER}/${name}.json`, await format(text, { parser: 'json', printWidth: 110 }));
  };
  await add('overview', OVERVIEW);
  await add('governor', GOVERNOR);
  for (const dashboard of COMPONENT_DASHBOARDS) await add(`component-${dashboard.name}`, dashboard);
  return files;
}
